using System;
using System.IO;
using System.Text;
using GemmaVk.Tensors;

namespace GemmaVk.Cli.Terminals;

/// <summary>Standard output where a person watches and a model writes: its control characters are shown and steer nothing.</summary>
internal sealed class AnswerWriter(TextWriter screen) : TextWriter
{
    public override Encoding Encoding => screen.Encoding;

    public override void Write(char value) => screen.Write(char.IsControl(value) ? VisibleText.Lines(value.ToString()) : value.ToString());

    public override void Write(string? value) => screen.Write(VisibleText.Lines(value ?? ""));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine() => screen.WriteLine();

    public override void WriteLine(string? value)
    {
        Write(value);
        screen.WriteLine();
    }

    public override void Flush() => screen.Flush();
}
