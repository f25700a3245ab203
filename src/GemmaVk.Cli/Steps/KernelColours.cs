using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Cli.Steps;

/// <summary>A colour per kernel, the same in every picture of a page.</summary>
/// <param name="kernels">Kernel names, with repetitions.</param>
internal sealed class KernelColours(IEnumerable<string> kernels)
{
    // Told apart by people who see fewer colours too: light and dark alternate between neighbouring hues.
    private static readonly string[] Palette =
    [
        "#1f6fb4", "#e08a1e", "#2b8a5f", "#b3446c", "#7d5ba6", "#5aa9d6", "#8c6d31", "#d1495b", "#3c6e71", "#a3b18a", "#495057", "#c77dff", "#588157", "#f2b5a7",
        "#0b4f6c", "#9c89b8", "#6c584c", "#84a59d",
    ];

    private readonly string[] _kernels = [.. kernels.Distinct()];

    /// <summary>The colour of a kernel.</summary>
    public string Of(string kernel) => Palette[System.Array.IndexOf(_kernels, kernel) % Palette.Length];

    /// <summary>What colour means what, as HTML.</summary>
    public string Key() =>
        $"<div class=\"key\">{string.Concat(_kernels.Select(kernel => $"<span><i style=\"background:{Of(kernel)}\"></i>{StepPage.Text(kernel)}</span>"))}</div>\n";
}
