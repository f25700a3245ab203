using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using GemmaVk.Tensors;

namespace GemmaVk.Weights;

/// <summary>
/// The file behind a name that somebody gave for writing. A new or ordinary file is written beside its place and moved there when it is
/// whole; a link is followed, so that its target is replaced and the link stays; a device or a pipe is written to as it is.
/// </summary>
public sealed unsafe partial class OutputTarget
{
    private const string Ending = ".partial";

    private OutputTarget(string name, string path, OutputKind kind)
    {
        Name = name;
        Path = path;
        Kind = kind;
    }

    /// <summary>As it was given.</summary>
    public string Name { get; }

    /// <summary>What it names, at the end of all links.</summary>
    public string Path { get; }

    /// <summary>What is there.</summary>
    public OutputKind Kind { get; }

    /// <summary>Looks what a name stands for; nothing is opened or made.</summary>
    /// <exception cref="GemmaVkException">It is a folder or a socket, its links go in a circle, or it cannot be looked at.</exception>
    public static OutputTarget Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            string path = EndOfLinks(name);
            OutputKind kind = KindOf(path);
            if (kind == OutputKind.New && KindOf(name) is not OutputKind.New and var reached)
            {
                // A link of /proc (/dev/stdout is one) may lead to a pipe without a name, which only the link itself opens.
                (path, kind) = (System.IO.Path.GetFullPath(name), reached);
            }

            return kind switch
            {
                OutputKind.Folder => throw new GemmaVkException($"{name} must be a file to write, but is a folder; add a file name."),
                OutputKind.Socket => throw new GemmaVkException($"{name} must be a file to write, but is a socket; give a file's name."),
                _ => new OutputTarget(name, path, kind),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unwritable(name, error);
        }
    }

    /// <summary>A target that is written in any order.</summary>
    /// <exception cref="GemmaVkException">It is a device or a pipe.</exception>
    public OutputTarget Ordinary() => Kind is OutputKind.New or OutputKind.File
        ? this
        : throw new GemmaVkException($"{Name} must be a file, because its parts are not written in order, but is a {(Kind == OutputKind.Pipe ? "pipe" : "device")}; give a file's name.");

    /// <summary>A target that is none of the files that are read meanwhile: writing would take them away from whoever needs them next.</summary>
    /// <param name="read">Files, and folders for all files in them; null entries and what is not there count as nothing.</param>
    /// <exception cref="GemmaVkException">It is one of them, under this name, through a link or as another name of the same file.</exception>
    public OutputTarget Sparing(params IEnumerable<string?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (Kind == OutputKind.File)
        {
            foreach (string path in read.OfType<string>().SelectMany(each => Directory.Exists(each) ? Directory.EnumerateFiles(each) : [each]))
            {
                if (EndOfLinks(path) == EndOfLinks(Path) || (IdentityOf(path) is { } identity && identity == IdentityOf(Path)))
                {
                    throw new GemmaVkException($"{Name} must be another file than those that are read, but is {(path == Name ? "one of them" : path)}; give a new name.");
                }
            }
        }

        return this;
    }

    /// <summary>A target whose folder takes files: said before the work and not after it.</summary>
    /// <exception cref="GemmaVkException">It does not.</exception>
    public OutputTarget InWritableFolder() => Kind is OutputKind.New or OutputKind.File && WhyNoFiles(System.IO.Path.GetDirectoryName(Path)!) is { } reason
        ? throw new GemmaVkException($"{Name} must be a file that can be written, but its folder takes no files: {reason}. Choose another place.")
        : this;

    /// <summary>Why a folder that is there takes no new files, or null; a file is made in it and goes at once.</summary>
    public static string? WhyNoFiles(string folder)
    {
        string tried = System.IO.Path.Combine(folder, $".gemmavk-{Guid.NewGuid():N}");
        try
        {
            using FileStream stream = new(tried, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "writing there is not allowed";
        }
        catch (IOException error)
        {
            // What the system says names a file that nobody asked for.
            return error.Message.Contains(tried, StringComparison.Ordinal) ? "none can be made there" : error.Message.TrimEnd('.');
        }
    }

    /// <summary>Writes all of it. What goes wrong leaves an ordinary file as it was, and nothing beside it.</summary>
    /// <param name="write">Writes the bytes, once and in order.</param>
    /// <exception cref="GemmaVkException">It cannot be written.</exception>
    public void Write(Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            if (Kind is OutputKind.Device or OutputKind.Pipe)
            {
                using FileStream stream = new(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                write(stream);
                return;
            }

            WriteBeside(write);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unwritable(Name, error);
        }
    }

    private void WriteBeside(Action<Stream> write)
    {
        string unfinished = Path + Ending;
        void Remove(object? sender, EventArgs e) => File.Delete(unfinished);
        AppDomain.CurrentDomain.ProcessExit += Remove;
        try
        {
            using (FileStream stream = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
            }

            File.Move(unfinished, Path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
        finally
        {
            AppDomain.CurrentDomain.ProcessExit -= Remove;
        }
    }

    /// <summary>Whether a path, or the end of its links, is an ordinary file: reading a pipe would wait for ever.</summary>
    public static bool IsOrdinary(string path) => KindOf(path) == OutputKind.File;

    /// <summary>Whether a path, or the end of its links, is a pipe, a socket or a device.</summary>
    internal static bool IsStream(string path) => KindOf(path) is OutputKind.Pipe or OutputKind.Socket or OutputKind.Device;

    /// <summary>The full path of what a name leads to, which need not be there.</summary>
    /// <exception cref="IOException">The links go in a circle.</exception>
    internal static string EndOfLinks(string name)
    {
        string path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(name));
        return new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
    }

    private static OutputKind KindOf(string path)
    {
        if (Directory.Exists(path))
        {
            return OutputKind.Folder;
        }

        int? mode = OperatingSystem.IsLinux() ? Mode(path) : null;
        if (mode is null)
        {
            bool device = path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith(@"\\.\", StringComparison.Ordinal);
            return device ? OutputKind.Device : File.Exists(path) ? OutputKind.File : OutputKind.New;
        }

        // S_IFMT and its values.
        return (mode & 0xF000) switch
        {
            0x1000 => OutputKind.Pipe,
            0x2000 or 0x6000 => OutputKind.Device,
            0xC000 => OutputKind.Socket,
            0 => OutputKind.New,
            _ => OutputKind.File,
        };
    }

    /// <summary>The type in the bits of st_mode, 0 where nothing is there, or null where it cannot be asked for.</summary>
    private static int? Mode(string path)
    {
        const int CurrentFolder = -100;
        const uint Type = 1;
        Status status = default;
        try
        {
            return Statx(CurrentFolder, path, 0, Type, &status) == 0 ? status.Mode : 0;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Device and inode of a file, or null where they cannot be asked for or nothing is there.</summary>
    private static (ulong Device, ulong Inode)? IdentityOf(string path)
    {
        const int CurrentFolder = -100;
        const uint Inode = 0x100;
        Status status = default;
        try
        {
            return OperatingSystem.IsLinux() && Statx(CurrentFolder, path, 0, Inode, &status) == 0 ? (((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static GemmaVkException Unwritable(string name, Exception error) =>
        new($"{name} must be a file that can be written, but: {error.Message.TrimEnd('.')}. Choose another place.", error);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Status* status);

    /// <summary>struct statx, which is the same on every Linux.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
