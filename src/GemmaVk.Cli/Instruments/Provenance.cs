using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using GemmaVk.Kernels;

namespace GemmaVk.Cli.Instruments;

/// <summary>Where figures come from: program, system, device.</summary>
internal static class Provenance
{
    /// <summary>Name and version, with the commit where the build knew it.</summary>
    public static string Program => $"gemmavk {Version}";

    /// <summary>Version, and after + the commit where the build knew it.</summary>
    public static string Version { get; } =
        typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>The commit, or null where the build did not know it.</summary>
    public static string? Commit => Version.Split('+') is [_, var commit] ? commit : null;

    /// <summary>System and runtime.</summary>
    public static string System => $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";

    /// <summary>Into an object that is being written.</summary>
    public static void Write(Utf8JsonWriter json, DeviceDescription device)
    {
        json.WriteStartObject("provenance");
        json.WriteString("program", Version.Split('+')[0]);
        json.WriteString("commit", Commit);
        json.WriteString("system", RuntimeInformation.OSDescription);
        json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        json.WriteString("backend", device.Backend);
        json.WriteString("device", device.Name);
        json.WriteString("driver", device.Driver);
        json.WriteStartArray("details");
        foreach (string detail in device.Details)
        {
            json.WriteStringValue(detail);
        }

        json.WriteEndArray();
        // No driver in use here tells clocks or power without an interface of its maker.
        json.WriteNull("clocks");
        json.WriteNull("power_state");
        json.WriteEndObject();
    }
}
