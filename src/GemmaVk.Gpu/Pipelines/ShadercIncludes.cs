using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>What a shader includes, given to <see cref="Shaderc"/> as it asks: found beside the file that includes it, then in folders, as glslc does.</summary>
internal sealed unsafe class ShadercIncludes : IDisposable
{
    // shaderc_include_type_relative: #include "x"; the other is #include <x>.
    private const int Relative = 0;

    // Ours go three deep.
    private const int Deepest = 64;

    private readonly IReadOnlyList<string> folders;
    private GCHandle self;

    /// <summary>Looks in <paramref name="folders"/>, in order.</summary>
    public ShadercIncludes(IReadOnlyList<string> folders)
    {
        this.folders = folders;
        self = GCHandle.Alloc(this);
    }

    /// <summary>The user data of the callbacks; valid until disposal.</summary>
    public nint Handle => GCHandle.ToIntPtr(self);

    /// <summary>shaderc_include_resolver. Never throws: there is native code above it.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static Answer* Resolve(nint user, byte* requested, int type, byte* from, nuint depth)
    {
        try
        {
            if (depth > Deepest)
                return New("", Encoding.UTF8.GetBytes($"Included more than {Deepest} deep: an include leads back to itself."));
            ShadercIncludes includes = (ShadercIncludes)GCHandle.FromIntPtr(user).Target!;
            string name = Text(requested);
            IEnumerable<string> places = type == Relative ? includes.folders.Prepend(Path.GetDirectoryName(Text(from)) ?? "") : includes.folders;
            return places.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } path
                ? New(path, File.ReadAllBytes(path))
                // An answer without a name is a failure, and its content the reason.
                : New("", Encoding.UTF8.GetBytes("Cannot find or open include file."));
        }
        catch (Exception e)
        {
            return New("", Encoding.UTF8.GetBytes(e.Message));
        }
    }

    /// <summary>shaderc_include_result_release_fn.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void Release(nint user, Answer* answer)
    {
        NativeMemory.Free(answer->SourceName);
        NativeMemory.Free(answer->Content);
        NativeMemory.Free(answer);
    }

    public void Dispose() => self.Free();

    private static Answer* New(string path, byte[] content)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        Answer* answer = (Answer*)NativeMemory.AllocZeroed((nuint)sizeof(Answer));
        answer->SourceName = Copied(name);
        answer->SourceNameLength = (nuint)name.Length;
        answer->Content = Copied(content);
        answer->ContentLength = (nuint)content.Length;
        return answer;
    }

    private static byte* Copied(byte[] bytes)
    {
        byte* copy = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    private static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8) ?? "";

    /// <summary>shaderc_include_result: what comes for an include.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Answer
    {
        public byte* SourceName;
        public nuint SourceNameLength;
        public byte* Content;
        public nuint ContentLength;
        public nint UserData;
    }
}
