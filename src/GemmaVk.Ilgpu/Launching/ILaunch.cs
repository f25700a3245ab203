namespace GemmaVk.Ilgpu.Launching;

/// <summary>A kernel with its arguments, ready to run as often as wanted.</summary>
internal interface ILaunch
{
    /// <summary>Name as in IPass.</summary>
    string Kernel { get; }

    /// <summary>Queues it.</summary>
    void Run();
}
