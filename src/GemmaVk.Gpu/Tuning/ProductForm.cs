namespace GemmaVk.Gpu.Tuning;

/// <summary>How a product is spread over a device. It changes no bit of the result, only the time.</summary>
/// <param name="Rows">Weight rows of a subgroup, or of an invocation where a workgroup shares a tile.</param>
/// <param name="LocalSize">Invocations of a workgroup.</param>
/// <param name="Matrix">Matrix units do it: rows are then blocks of a subgroup.</param>
/// <param name="Ahead">Rounds of weights that MatVec has on their way at once on a GPU; 0 elsewhere.</param>
/// <param name="Cols">Blocks of activation rows of a subgroup; 0 where the class of the product decides it, as <paramref name="Along"/> and <paramref name="Deep"/>.</param>
/// <param name="Along">Subgroups along activation rows.</param>
/// <param name="Deep">Groups of 32 columns between two barriers.</param>
/// <param name="Split">Subgroups that share the columns of a tile of MatVec.</param>
internal readonly record struct ProductForm(uint Rows, uint LocalSize, bool Matrix = false, uint Ahead = 0, uint Cols = 0, uint Along = 0, uint Deep = 0, uint Split = 1)
{
    public override string ToString() => (Matrix, Cols) switch
    {
        (false, _) => $"{Rows} rows, workgroups of {LocalSize}{(Ahead > 1 ? $", {Ahead} rounds ahead" : "")}{(Split > 1 ? $", columns split over {Split} subgroups" : "")}",
        (true, 0) => $"matrix units, {Rows} blocks of rows, workgroups of {LocalSize}",
        _ => $"matrix units, {Cols} x {Rows} blocks, {Along} along, {Deep} deep, workgroups of {LocalSize}",
    };
}
