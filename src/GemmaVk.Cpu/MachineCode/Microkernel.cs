using System.Runtime.CompilerServices;

namespace GemmaVk.Cpu.MachineCode;

/// <summary>A function in machine code that takes one address.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="IsManaged">Whether it is a function of the runtime that can be called from outside: tests put a model of a processor in its place.</param>
internal readonly unsafe record struct Microkernel(nint Address, bool IsManaged = false)
{
    public void Run(void* arguments)
    {
        if (IsManaged)
        {
            RunManaged(arguments);
        }
        else
        {
            // A few microseconds without a branch into the runtime: nothing has to be told to the garbage collector.
            ((delegate* unmanaged[SuppressGCTransition]<void*, void>)Address)(arguments);
        }
    }

    // The compiler joins two calls of one address, whatever tells them apart, where it sees both.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RunManaged(void* arguments) => ((delegate* unmanaged<void*, void>)Address)(arguments);
}
