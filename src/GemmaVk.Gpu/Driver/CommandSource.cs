using System;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using Silk.NET.Core.Contexts;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Driver;

// Three tables, as the specification lays down ("Command Function Pointers"): commands that need no instance are asked for
// with a null instance, commands of an instance through it, commands of a device through the device, which saves the
// loader's dispatch on every call. Silk.NET's Vk asks for a command when it is called first and keeps the address.

/// <summary>Where Silk.NET's <see cref="Vk"/> gets the addresses of commands: the loader that we found, or the driver itself.</summary>
internal sealed unsafe class CommandSource : INativeContext
{
    private const int MaxNameBytes = 128;

    // vkGetInstanceProcAddr and vkGetDeviceProcAddr alike: whose command, its name, its address or null.
    private readonly delegate* unmanaged<nint, byte*, nint> resolve;
    private readonly nint owner;
    private readonly Func<string, nint, nint>? between;

    private CommandSource(nint resolver, nint owner)
    {
        between = Between.Value;
        ArgumentOutOfRangeException.ThrowIfZero(resolver);
        resolve = (delegate* unmanaged<nint, byte*, nint>)resolver;
        this.owner = owner;
    }

    /// <summary>
    /// What lies between the binding and the driver, for tests: takes a command's name and address, and gives the address to call in its place.
    /// </summary>
    internal static AsyncLocal<Func<string, nint, nint>?> Between { get; } = new();

    /// <summary>Commands that need no instance.</summary>
    /// <exception cref="VulkanException">What was loaded is no Vulkan loader.</exception>
    public static Vk OfLoader(nint vkGetInstanceProcAddr)
    {
        CommandSource source = new(vkGetInstanceProcAddr, 0);
        if (!source.TryGetProcAddress("vkCreateInstance", out _))
        {
            const string call = "resolving vkCreateInstance";
            throw new VulkanException("The Vulkan loader does not offer vkCreateInstance: it is not a Vulkan loader, or broken.", null, call, null, null);
        }

        return new Vk(source);
    }

    /// <summary>Commands of an instance and of its physical devices.</summary>
    public static Vk Of(Instance instance, nint vkGetInstanceProcAddr) => new(new CommandSource(vkGetInstanceProcAddr, instance.Handle));

    /// <summary>Commands of a device, its queues and its command buffers.</summary>
    /// <param name="device">The device.</param>
    /// <param name="instance">Commands of the instance that it was opened with.</param>
    public static Vk Of(Device device, Vk instance) => new(new CommandSource(instance.Context.GetProcAddress("vkGetDeviceProcAddr"), device.Handle));

    /// <summary>The address of a command.</summary>
    /// <exception cref="VulkanException">The driver does not have it; calling a null address would end the process.</exception>
    public nint GetProcAddress(string proc, int? slot = null) => TryGetProcAddress(proc, out nint address)
        ? address
        : throw new VulkanException($"The Vulkan driver does not offer {proc}: update the driver.", null, $"resolving {proc}", null, "Update the driver.");

    /// <inheritdoc/>
    [SkipLocalsInit]
    public bool TryGetProcAddress(string proc, out nint addr, int? slot = null)
    {
        byte* name = stackalloc byte[MaxNameBytes];
        int end = Encoding.ASCII.GetBytes(proc, new Span<byte>(name, MaxNameBytes - 1));
        name[end] = 0;
        addr = resolve(owner, name);
        if (between is not null && addr != 0)
            addr = between(proc, addr);
        return addr != 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
