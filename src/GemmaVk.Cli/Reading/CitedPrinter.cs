using System;
using GemmaVk.Documents.Answers;
using GemmaVk.Text;

namespace GemmaVk.Cli.Reading;

/// <summary>Shows an answer with the source behind each of its sentences. Searches of the model's own are no part of it.</summary>
/// <param name="show">Shows what is left.</param>
/// <param name="attribution">Knows the sources that there are by then.</param>
internal sealed class CitedPrinter(Action<ResponseDelta> show, Func<Attribution> attribution)
{
    private readonly CitedStream _sentences = new(attribution);

    /// <summary>Shows what one more token added.</summary>
    public void Show(ResponseDelta delta)
    {
        string content = _sentences.Append(delta.Content);
        content += delta.Call is null && delta.Unread is null ? "" : _sentences.Finish();
        show(delta with { Content = content, Call = delta.Call?.Name == SearchTool.Name ? null : delta.Call });
    }

    /// <summary>Shows the last sentence.</summary>
    public void Finish() => show(new ResponseDelta("", _sentences.Finish(), null));
}
