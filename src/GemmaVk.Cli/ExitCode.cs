namespace GemmaVk.Cli;

/// <summary>How a command ended, as shells see it.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The user can mend it: a flag, a file, a prompt.</summary>
    public const int UserError = 1;

    /// <summary>The machine failed: a driver, a disk, memory.</summary>
    public const int MachineFailure = 2;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
