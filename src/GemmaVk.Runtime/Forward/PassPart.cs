using System.Collections.Generic;
using GemmaVk.Kernels;
using GemmaVk.Runtime.Cache;

namespace GemmaVk.Runtime.Forward;

/// <summary>
/// The rows of one session within a pass. Only the kernels that touch a cache look at parts, one after the other; everything else
/// runs over all rows of the pass at once, so that weights are read once for all sessions.
/// </summary>
/// <param name="Kv">The session's caches, one per layer, that its rows are appended to.</param>
/// <param name="First">Row of the pass where the part begins.</param>
/// <param name="T">Its rows.</param>
/// <param name="Choice">How tokens are drawn for the part's rows of logits, or null when logits are wanted.</param>
/// <param name="Masked">Whether they are drawn under the masks of their rows.</param>
internal readonly record struct PassPart(IReadOnlyList<LayerKv> Kv, int First, int T, Sample.Choice? Choice, bool Masked = false);
