using System.Runtime.InteropServices;

namespace GemmaVk.Cli.Terminals;

/// <summary>What of the C library the program's own streams need. Numbers are those of Linux and macOS.</summary>
internal static unsafe partial class Libc
{
    public const int Interrupted = 4;
    public const int IsDirectory = 21;
    public const int BrokenPipe = 32;
    public const int GetDescriptorFlags = 1;
    public const int CloseOnExec = 1;
    public const int ReadWrite = 2;
    public const short Readable = 1;
    public const short Writable = 4;

    /// <summary>EAGAIN, which is not the same number everywhere.</summary>
    public static int TryAgain { get; } = System.OperatingSystem.IsMacOS() ? 35 : 11;

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(Waiting* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(string path, byte** arguments, byte** environment);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Waiting
    {
        public int Descriptor;
        public short Wanted;
        public short Came;
    }
}
