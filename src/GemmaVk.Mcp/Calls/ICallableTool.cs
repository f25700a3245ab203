using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Text;

namespace GemmaVk.Mcp.Calls;

/// <summary>A function that the model may call, and that is run here or by a server.</summary>
public interface ICallableTool
{
    /// <summary>Where tools come from that are part of the program.</summary>
    const string Own = "built in";

    /// <summary>Its own name, description and schema; strict.</summary>
    ToolDeclaration Declaration { get; }

    /// <summary>Name of the server that it belongs to, or <see cref="Own"/>.</summary>
    string Origin { get; }

    /// <summary>What a permission is for: another value means another tool, whatever its name.</summary>
    string Fingerprint { get; }

    /// <summary>Runs it. What goes wrong is an answer too (<see cref="ToolAnswer.IsError"/>); nothing but cancelling is thrown.</summary>
    /// <param name="arguments">A JSON object.</param>
    /// <param name="cancel">Ends it with an <see cref="System.OperationCanceledException"/>.</param>
    Task<ToolAnswer> CallAsync(JsonElement arguments, CancellationToken cancel);
}
