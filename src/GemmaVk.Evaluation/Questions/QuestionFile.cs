using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using GemmaVk.Tensors;

namespace GemmaVk.Evaluation.Questions;

/// <summary>A file of questions, one JSON object a line. A line that is wrong is left out and named; the rest is kept.</summary>
/// <param name="Questions">Those that can be asked, in order.</param>
/// <param name="LeftOut">A sentence for each other line, with line and column.</param>
public sealed record QuestionFile(IReadOnlyList<Question> Questions, IReadOnlyList<string> LeftOut)
{
    private const long MostBytes = 1L << 30;
    private const int MostLine = 16 << 20;

    /// <summary>Reads a file; paths of media start at its folder.</summary>
    /// <exception cref="GemmaVkException">It cannot be read, is too large, or holds no question.</exception>
    public static QuestionFile Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            FileInfo file = new(path);
            if (!file.Exists)
            {
                throw new GemmaVkException($"{path}: expected a file of questions, one JSON object a line, but {(Directory.Exists(path) ? "it is a folder" : "there is none")}; check the path.");
            }

            return file.Length <= MostBytes
                ? Parse(File.ReadAllBytes(path), path)
                : throw new GemmaVkException($"{path}: expected at most {MostBytes} bytes, but it has {file.Length}; split it.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path}: cannot be read: {Complaint.Of(error)}", error);
        }
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="utf8">The bytes.</param>
    /// <param name="path">For messages, and for the folder that media are in.</param>
    /// <exception cref="GemmaVkException">It holds no question.</exception>
    public static QuestionFile Parse(ReadOnlyMemory<byte> utf8, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "";
        List<Question> questions = [];
        List<string> leftOut = [];
        HashSet<string> ids = [];
        ReadOnlyMemory<byte> rest = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.Span.Trim(" \t\r"u8).IsEmpty)
            {
                continue;
            }

            try
            {
                Question question = text.Length <= MostLine
                    ? QuestionReader.Read(text, line, folder)
                    : throw new QuestionException($"expected at most {MostLine} bytes, but it has {text.Length}", MostLine);
                questions.Add(ids.Add(question.Id) ? question : throw new QuestionException($"expected every id once, but '{question.Id}' came before", QuestionReader.ColumnOf(text.Span, "id")));
            }
            catch (QuestionException error)
            {
                leftOut.Add($"{path}, line {line}, column {error.Column}: {error.Message.TrimEnd('.')}");
            }
        }

        return questions.Count > 0
            ? new QuestionFile(questions, leftOut)
            : throw new GemmaVkException(leftOut.Count == 0
                ? $"{path} is empty: expected questions, one JSON object a line, as in {{\"prompt\":\"What is 2 + 2?\",\"answer\":\"4\"}}; write one."
                : $"{path} has no line that can be used ({leftOut.Count} wrong); the first: {leftOut[0]}. Mend it.");
    }
}
