namespace GemmaVk.Hybrid.Rules;

/// <summary>Who answers.</summary>
public enum RouteAction
{
    /// <summary>The model of this machine, whatever happens.</summary>
    LocalOnly,

    /// <summary>The model of this machine; where it fails or takes too long, somebody is asked whether an endpoint may.</summary>
    LocalFirst,

    /// <summary>An endpoint, with consent each time.</summary>
    Cloud,
}
