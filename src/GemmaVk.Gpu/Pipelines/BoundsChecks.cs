namespace GemmaVk.Gpu.Pipelines;

/// <summary>How kernels of a user's are kept within their buffers: a wrong index then gives a wrong result, and the device stays.</summary>
internal enum BoundsChecks
{
    /// <summary>Not at all: no such kernel is there, or the device has no way.</summary>
    None,

    /// <summary>The device is opened so, and every kernel on it pays: core Vulkan has no narrower way.</summary>
    WholeDevice,

    /// <summary>The pipelines of the modules that have a file of the user's, and no others. What is written beside a buffer may land in its neighbours.</summary>
    Pipelines,

    /// <summary>Likewise, and what is written beside a buffer is dropped.</summary>
    StrictPipelines,
}
