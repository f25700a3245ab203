namespace GemmaVk.Runtime.Sessions;

/// <summary>What a <see cref="ContinuousBatch"/> runs: it takes in a prompt piece by piece.</summary>
internal interface IBatchWork
{
    /// <summary>Whose past it goes on from.</summary>
    Session Session { get; }

    /// <summary>Whether rows of the prompt are left to take in.</summary>
    bool InPrompt { get; }

    /// <summary>Whether it has ended.</summary>
    bool Done { get; }

    /// <summary>Ends it if its caller no longer wants it.</summary>
    void HeedCancel();

    /// <summary>Takes in the next rows of the prompt in one pass.</summary>
    /// <param name="most">Most rows where nothing forces more: null for a whole chunk.</param>
    /// <returns>How many there were.</returns>
    int TakeIn(int? most = null);

    /// <summary>Lets the session go: another may follow.</summary>
    void Release();
}
