using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;

namespace GemmaVk.Ilgpu.Devices;

/// <summary>
/// The drivers' libraries under the names that systems install: a bare Linux has libOpenCL.so.1 and libcuda.so.1, and ILGPU asks
/// for names that only development packages have. Names no type of ILGPU, so that looking costs no start of it.
/// </summary>
public static class DriverLibraries
{
    private static int _resolving;

    /// <summary>The library of NVIDIA's driver.</summary>
    public static string Cuda => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The loader of OpenCL drivers.</summary>
    public static string OpenCL => OperatingSystem.IsWindows() ? "OpenCL.dll"
        : OperatingSystem.IsMacOS() ? "/System/Library/Frameworks/OpenCL.framework/OpenCL" : "libOpenCL.so.1";

    /// <summary>
    /// Whether a GPU could be reached at all. Loading an OpenCL driver takes longer than a small model's first answer, so on
    /// Linux the system's device files are asked first: without one there is no card behind any driver.
    /// </summary>
    public static bool MayReachGpu => (!OperatingSystem.IsLinux() || HasDeviceFile("/dev")) && (Has(Cuda) || Has(OpenCL));

    /// <summary>Whether a folder of device files has one of a graphics card: NVIDIA's, AMD's, any kernel driver's, or that of Windows below.</summary>
    internal static bool HasDeviceFile(string folder) =>
        File.Exists(Path.Combine(folder, "nvidiactl")) || File.Exists(Path.Combine(folder, "kfd")) || File.Exists(Path.Combine(folder, "dxg"))
        || Directory.Exists(Path.Combine(folder, "dri"));

    /// <summary>Whether a library is there.</summary>
    public static bool Has(string library) => NativeLibrary.TryLoad(library, out _);

    /// <summary>Has <paramref name="ilgpu"/> find them.</summary>
    public static void Resolve(Assembly ilgpu)
    {
        if (Interlocked.Exchange(ref _resolving, 1) == 0)
        {
            NativeLibrary.SetDllImportResolver(ilgpu, (name, _, _) => name switch
            {
                "OpenCL" or "libOpenCL" => Load(OpenCL),
                "cuda" or "libcuda" or "nvcuda" => Load(Cuda),
                _ => 0,
            });
        }
    }

    private static nint Load(string library) => NativeLibrary.TryLoad(library, out nint handle) ? handle : 0;
}
