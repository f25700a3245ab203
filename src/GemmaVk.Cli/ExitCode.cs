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

    /// <summary>A signal ended it: this and the signal's number.</summary>
    public const int Signal = 128;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = Signal + 2;

    /// <summary>Nobody reads standard output any more: as every program ends that a pipe is closed on.</summary>
    public const int ReaderGone = Signal + 13;
}
