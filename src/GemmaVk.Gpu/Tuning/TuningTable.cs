using System.Collections.Generic;

namespace GemmaVk.Gpu.Tuning;

/// <summary>The forms that were measured to be the fastest on a device: of products by module and rows of a tile, of attention by module and heads.</summary>
internal sealed class TuningTable
{
    private readonly Dictionary<(string Module, uint Cols), Tuned<ProductForm>> forms = [];
    private readonly Dictionary<string, Tuned<AttentionForm>> attention = [];
    private (string Module, uint Cols, ProductForm Form)? tried;
    private (string Heads, AttentionForm Form)? triedAttention;

    /// <summary>All that was measured of products.</summary>
    public IReadOnlyDictionary<(string Module, uint Cols), Tuned<ProductForm>> Forms => forms;

    /// <summary>All that was measured of attention.</summary>
    public IReadOnlyDictionary<string, Tuned<AttentionForm>> Attention => attention;

    /// <summary>The form to take.</summary>
    /// <param name="module">Module, and what else forms depend on.</param>
    /// <param name="cols">Rows of activations that one tile has.</param>
    /// <param name="usual">The form where nothing was measured.</param>
    public ProductForm Of(string module, uint cols, ProductForm usual)
    {
        if (tried is var (triedModule, triedCols, form) && triedModule == module && triedCols == cols)
            return form;
        return forms.TryGetValue((module, cols), out Tuned<ProductForm> tuned) ? tuned.Form : usual;
    }

    /// <summary>The form of attention to take, or null where nothing was measured.</summary>
    /// <param name="heads">Module and heads: nothing that changes from pass to pass.</param>
    public AttentionForm? Of(string heads)
    {
        if (triedAttention is var (tried, form) && tried == heads)
            return form;
        return attention.TryGetValue(heads, out Tuned<AttentionForm> tuned) ? tuned.Form : null;
    }

    /// <summary>Takes a form for what is recorded until the next call, or none.</summary>
    public void Try(string module, uint cols, ProductForm? form) => tried = form is { } f ? (module, cols, f) : null;

    /// <summary>Likewise for attention.</summary>
    public void Try(string heads, AttentionForm? form) => triedAttention = form is { } f ? (heads, f) : null;

    /// <summary>Keeps what was measured.</summary>
    public void Keep(string module, uint cols, Tuned<ProductForm> form) => forms[(module, cols)] = form;

    /// <summary>Likewise for attention.</summary>
    public void Keep(string heads, Tuned<AttentionForm> form) => attention[heads] = form;
}

/// <summary>What was measured for a module.</summary>
/// <param name="Form">The fastest form.</param>
/// <param name="Microseconds">Its time.</param>
/// <param name="UsualMicroseconds">Time of the form that is taken without measuring.</param>
internal readonly record struct Tuned<TForm>(TForm Form, double Microseconds, double UsualMicroseconds)
    where TForm : struct;
