using System.Collections.Generic;
using GemmaVk.Model;

namespace GemmaVk.Runtime.Cache;

/// <summary>
/// A drafter's look at a session's cache: for each of its layers the target's last layer of the same kind. Nothing is
/// written through it. It looks at one piece of memory: a fork that goes its own way moves to another, and gets another
/// view with its own recordings.
/// </summary>
/// <param name="layers">The target's caches.</param>
/// <param name="plan">Which layer lends to which.</param>
internal readonly struct KvView(IReadOnlyList<LayerKv> layers, DrafterPlan plan)
{
    /// <summary>Keys and values for a layer of the drafter.</summary>
    public LayerKv this[int layer] => layers[plan.KvLayers[layer]];
}
