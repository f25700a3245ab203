namespace GemmaVk.Gpu.Kernels;

/// <summary>How attention is cut into workgroups.</summary>
/// <param name="Constants">Values of the module's specialization constants, by id.</param>
/// <param name="Splits">Workgroups that share the keys of a tile of queries.</param>
/// <param name="X">The grid's x.</param>
/// <param name="Y">The grid's y.</param>
/// <param name="Z">The grid's z.</param>
internal readonly record struct AttentionTile(uint[] Constants, uint Splits, long X, long Y, long Z);
