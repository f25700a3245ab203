namespace GemmaVk.Weights;

/// <summary>What a name for writing stands for.</summary>
public enum OutputKind
{
    /// <summary>Nothing yet.</summary>
    New,

    /// <summary>An ordinary file.</summary>
    File,

    /// <summary>A device, such as /dev/null.</summary>
    Device,

    /// <summary>A named pipe.</summary>
    Pipe,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A socket.</summary>
    Socket,
}
