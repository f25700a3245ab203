namespace GemmaVk.Gpu.Kernels;

/// <summary>Push constants of shaders/include/attention_interface.glsl, which every form of attention takes.</summary>
internal readonly record struct AttentionPush(
    uint T, uint H, uint K, uint W, uint R, uint Window, uint First, uint Count, uint Splits, uint Part0, uint Parts, uint Pairs,
    uint Row0)
{
    /// <summary>The interface of a form: the bindings of that file and of kv_bindings.glsl, and what the form has beyond them.</summary>
    /// <param name="kernel">Kernel name.</param>
    /// <param name="modules">Its modules.</param>
    /// <param name="result">What they do with their result.</param>
    /// <param name="more">Bindings behind those.</param>
    /// <param name="constants">Specialization constants, by id.</param>
    public static KernelInterface Interface(string kernel, string[] modules, Access result, Access[] more, string[] constants) => new(
        kernel,
        modules,
        [
            Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, result,
            Access.Read, Access.Read, Access.Read, Access.Read, Access.Read, .. more,
        ],
        constants,
        typeof(AttentionPush));
}
