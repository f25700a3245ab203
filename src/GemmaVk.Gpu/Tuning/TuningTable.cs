using System.Collections.Generic;

namespace GemmaVk.Gpu.Tuning;

/// <summary>The forms that were measured to be the fastest on a device, by module and rows of a tile.</summary>
internal sealed class TuningTable
{
    private readonly Dictionary<(string Module, uint Cols), TunedForm> forms = [];
    private (string Module, uint Cols, ProductForm Form)? tried;

    /// <summary>All that was measured.</summary>
    public IReadOnlyDictionary<(string Module, uint Cols), TunedForm> Forms => forms;

    /// <summary>The form to take.</summary>
    /// <param name="module">Module, and what else forms depend on.</param>
    /// <param name="cols">Rows of activations that one tile has.</param>
    /// <param name="usual">The form where nothing was measured.</param>
    public ProductForm Of(string module, uint cols, ProductForm usual)
    {
        if (tried is var (triedModule, triedCols, form) && triedModule == module && triedCols == cols)
            return form;
        return forms.TryGetValue((module, cols), out TunedForm tuned) ? tuned.Form : usual;
    }

    /// <summary>Takes a form for what is recorded until the next call, or none.</summary>
    public void Try(string module, uint cols, ProductForm? form) => tried = form is { } f ? (module, cols, f) : null;

    /// <summary>Keeps what was measured.</summary>
    public void Keep(string module, uint cols, TunedForm form) => forms[(module, cols)] = form;
}
