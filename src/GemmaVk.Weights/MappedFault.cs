using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace GemmaVk.Weights;

/// <summary>
/// The end of a process that reads a mapped weight file while its bytes go away: the file was made shorter, its disk failed or was pulled
/// out. Linux then raises SIGBUS at the instruction that reads, the runtime takes that for a fatal error of its own and dumps
/// core. A program that calls <see cref="ExplainAndExit"/> ends with a sentence that names the file instead; a library leaves that to its host.
/// </summary>
/// <remarks>
/// The handler is managed code that the kernel calls like a C function: on Linux both have one calling convention for (int, pointer,
/// pointer). No transition takes place, which a reverse P/Invoke would refuse in the middle of managed code. It therefore touches nothing of
/// the runtime: no allocation, no lock, no managed object, only memory from malloc and the C library's write and _exit, and it
/// returns for no weight file. Every other address goes to the runtime's own handler.
/// Windows refuses to shorten a mapped file; on macOS only <see cref="TensorFile.CheckUnchanged"/> watches.
/// </remarks>
public static unsafe class MappedFault
{
    private const int Sigbus = 7;

    // Offset of si_addr in siginfo_t on every 64-bit Linux.
    private const int FaultAddress = 16;
    private static readonly Lock Changing = new();
    private static State* _state;

    /// <summary>Installs the handler; once per process, on Linux. Elsewhere it does nothing.</summary>
    /// <param name="exitCode">How the process ends.</param>
    public static void ExplainAndExit(int exitCode)
    {
        lock (Changing)
        {
            if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || _state is not null && _state->Installed)
            {
                return;
            }

            nint c = NativeLibrary.Load("libc", typeof(MappedFault).Assembly, DllImportSearchPath.SafeDirectories);
            State* state = Shared();
            state->ExitCode = exitCode;
            state->Write = (delegate* unmanaged[SuppressGCTransition]<int, byte*, nint, nint>)NativeLibrary.GetExport(c, "write");
            state->Exit = (delegate* unmanaged[SuppressGCTransition]<int, void>)NativeLibrary.GetExport(c, "_exit");
            var sigaction = (delegate* unmanaged<int, Action*, Action*, int>)NativeLibrary.GetExport(c, "sigaction");

            // Compiled now: nothing may be compiled in a signal handler.
            RuntimeHelpers.PrepareMethod(((Handler)Handle).Method.MethodHandle);
            Action action;
            sigaction(Sigbus, null, &action);
            state->Previous = (delegate* unmanaged[SuppressGCTransition]<int, byte*, void*, void>)action.Handler;
            // Flags and mask stay the runtime's, so that it gets what is not ours as if it had been called itself.
            action.Handler = (delegate*<int, byte*, void*, void>)&Handle;
            state->Installed = sigaction(Sigbus, &action, null) == 0;
        }
    }

    /// <summary>Names the file behind a mapping.</summary>
    internal static void Add(nint start, long length, string path)
    {
        byte[] sentence = Encoding.UTF8.GetBytes(
            $"\ngemmavk: {path} must stay whole while it is in use, but bytes of it can no longer be read: it was made shorter, or its disk failed. Put the whole file back and start again.\n");
        lock (Changing)
        {
            State* state = Shared();
            Mapping* mapping = state->First;
            while (mapping is not null && mapping->End is not null)
            {
                mapping = mapping->Next;
            }

            bool isNew = mapping is null;
            if (isNew)
            {
                mapping = (Mapping*)NativeMemory.AllocZeroed((nuint)sizeof(Mapping));
                mapping->Next = state->First;
            }

            mapping->Sentence = (byte*)NativeMemory.Alloc((nuint)sentence.Length);
            mapping->SentenceBytes = sentence.Length;
            sentence.CopyTo(new Span<byte>(mapping->Sentence, sentence.Length));
            mapping->Start = (byte*)start;
            // The handler may look at any moment: the end, which makes the entry count, comes last.
            Volatile.Write(ref Unsafe.AsRef<nint>(&mapping->End), (nint)((byte*)start + length));
            if (isNew)
            {
                Volatile.Write(ref Unsafe.AsRef<nint>(&state->First), (nint)mapping);
            }
        }
    }

    /// <summary>Forgets a mapping that is about to go.</summary>
    internal static void Remove(nint start)
    {
        lock (Changing)
        {
            for (Mapping* mapping = Shared()->First; mapping is not null; mapping = mapping->Next)
            {
                if (mapping->End is not null && mapping->Start == (byte*)start)
                {
                    Volatile.Write(ref Unsafe.AsRef<nint>(&mapping->End), 0);
                    NativeMemory.Free(mapping->Sentence);
                    return;
                }
            }
        }
    }

    // Fully compiled at once: a method that is still counted or counted up calls into the runtime.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Handle(int signal, byte* info, void* context)
    {
        State* state = _state;
        byte* address = *(byte**)(info + FaultAddress);
        for (Mapping* mapping = state->First; mapping is not null; mapping = mapping->Next)
        {
            if (address >= mapping->Start && address < mapping->End)
            {
                // Several threads may fault at once: one speaks, the others wait for the end.
                while (Interlocked.Exchange(ref state->Speaking, 1) != 0)
                {
                }

                state->Write(2, mapping->Sentence, mapping->SentenceBytes);
                state->Exit(state->ExitCode);
            }
        }

        state->Previous(signal, info, context);
    }

    private static State* Shared() => _state is null ? _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State)) : _state;

    private delegate void Handler(int signal, byte* info, void* context);

    /// <summary>struct sigaction of glibc and musl on 64-bit Linux.</summary>
    private struct Action
    {
        public void* Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public void* Restorer;
    }

    /// <summary>A mapped file; free for another one while <see cref="End"/> is null.</summary>
    private struct Mapping
    {
        public byte* Start;
        public byte* End;
        public byte* Sentence;
        public nint SentenceBytes;
        public Mapping* Next;
    }

    private struct State
    {
        public delegate* unmanaged[SuppressGCTransition]<int, byte*, nint, nint> Write;
        public delegate* unmanaged[SuppressGCTransition]<int, void> Exit;
        public delegate* unmanaged[SuppressGCTransition]<int, byte*, void*, void> Previous;
        public Mapping* First;
        public int Speaking;
        public int ExitCode;
        public bool Installed;
    }
}
