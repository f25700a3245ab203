namespace GemmaVk.Cpu.Parallel;

/// <summary>A kernel's work on some of its units (rows, tiles), as plain data so that handing it to a thread allocates nothing.</summary>
internal interface IRowWork
{
    /// <summary>Does units first .. end - 1 on worker <paramref name="worker"/> (0 is the caller).</summary>
    void Rows(int first, int end, int worker);
}
