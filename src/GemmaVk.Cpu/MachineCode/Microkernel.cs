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
            ((delegate* unmanaged<void*, void>)Address)(arguments);
        }
        else
        {
            // A few microseconds without a branch into the runtime: nothing has to be told to the garbage collector.
            ((delegate* unmanaged[SuppressGCTransition]<void*, void>)Address)(arguments);
        }
    }
}
