using System;
using System.Runtime.InteropServices;
using System.Threading;
using GemmaVk.Cpu.MachineCode;
using Xunit;

namespace GemmaVk.Cpu.Tests.MachineCode;

/// <summary>A real refusal: a filter of system calls over one thread, as hardened containers have over all.</summary>
public unsafe partial class ExecutableMemoryTests
{
    // Linux, prctl.h, seccomp.h and bpf_common.h.
    private const int NoNewPrivileges = 38, SetFilter = 22, FilterMode = 2;
    private const int MProtect = 10;
    private const uint Allow = 0x7FFF0000, Refuse = 0x00050000, PermissionDenied = 13;

    [Fact]
    public void ASystemThatForbidsExecutablePagesIsSaidToDoSo()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return;
        }

        // Once without, so that everything is compiled by then.
        Hold(filtered: false, out nint allowed, out string? none, out _);
        Assert.NotEqual(0, allowed);
        Assert.Null(none);
        Hold(filtered: true, out nint place, out string? refusal, out bool active);
        if (active)
        {
            Assert.Equal(0, place);
            Assert.StartsWith("the system does not allow executable pages: mprotect failed: ", refusal, StringComparison.Ordinal);
        }
    }

    private static void Hold(bool filtered, out nint place, out string? refusal, out bool active)
    {
        nint found = 0;
        string? said = null;
        bool on = false;
        Thread thread = new(() =>
        {
            on = Filter(filtered);
            found = (nint)ExecutableMemory.Hold([0xC3], out said);
        });
        thread.Start();
        thread.Join();
        (place, refusal, active) = (found, said, on);
    }

    /// <summary>Lets mprotect refuse what is executable, on this thread until it ends.</summary>
    private static bool Filter(bool filtered)
    {
        Instruction* program = stackalloc Instruction[]
        {
            // The number of the call; its third argument, the protection.
            new(0x20, 0, 0, 0),
            new(0x15, 0, 3, MProtect),
            new(0x20, 0, 0, 32),
            new(0x45, 0, 1, 4),
            new(0x06, 0, 0, Refuse | PermissionDenied),
            new(0x06, 0, 0, Allow),
        };
        Program filter = new() { Length = 6, Instructions = program };
        return filtered ? Call(NoNewPrivileges, 1, 0) == 0 && Call(SetFilter, FilterMode, (nint)(&filter)) == 0 : Call(NoNewPrivileges, 1, 0) == 0;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Call(int option, nint second, nint third, nint fourth = 0, nint fifth = 0);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte True, byte False, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
