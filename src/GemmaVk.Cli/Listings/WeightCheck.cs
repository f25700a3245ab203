using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Listings;

/// <summary>Every number of a checkpoint looked at: what <c>inspect --check</c> shows.</summary>
internal static class WeightCheck
{
    private const int MostNamed = 20;

    /// <summary>Reads all tensors.</summary>
    /// <returns><see cref="ExitCode.UserError"/> where a number is not finite.</returns>
    public static int Run(TensorSource source, bool json, Terminal terminal)
    {
        long total = source.TotalBytes, read = 0;
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<BadTensor> bad;
        using (Interruption.Listener interruption = terminal.Interruption.Listen())
        using (ProgressLine line = new(terminal, "checking"))
        {
            bad = FiniteCheck.Run(source, bytes => line.Show(Interlocked.Add(ref read, bytes), total), interruption.Token);
        }

        int count = source.List().Count;
        if (json)
        {
            JsonOutput.Write(terminal.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("directory", source.Directory);
                writer.WriteNumber("tensors", count);
                writer.WriteNumber("bytes", total);
                writer.WriteBoolean("finite", bad.Count == 0);
                writer.WriteStartArray("not_finite");
                foreach (BadTensor tensor in bad)
                {
                    writer.WriteStartObject();
                    CheckpointListing.WriteTensor(writer, tensor.File, tensor.Tensor);
                    writer.WriteString("first", tensor.Index);
                    writer.WriteString("value", tensor.Value);
                    writer.WriteNumber("count", tensor.Count);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            });
        }
        else
        {
            foreach (BadTensor tensor in bad.Take(MostNamed))
            {
                terminal.Out.WriteLine(VisibleText.Line(Line(tensor)));
            }

            terminal.Error.WriteLine(ProgressLine.Summary($"{count} tensors", total, Stopwatch.GetElapsedTime(start)));
        }

        if (bad.Count == 0)
        {
            if (!json)
            {
                terminal.Out.WriteLine(VisibleText.Line(string.Create(CultureInfo.InvariantCulture, $"{source.Directory}: {count} tensors, every number is finite")));
            }

            return ExitCode.Done;
        }

        throw new GemmaVkException(
            $"{bad[0].File}: tensor {bad[0].Tensor.Name} {bad[0].Index} must be a finite number, but is {bad[0].Value}"
            + $"{(bad.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $", and {bad.Count - 1} more tensors have such numbers") : "")}; download the file again, and compare its size and hash with the published ones.");
    }

    private static string Line(BadTensor tensor) => string.Create(
        CultureInfo.InvariantCulture, $"{tensor.Tensor.Name}: {tensor.Tensor.Kind}, {tensor.Count} not finite, first {tensor.Value} at {tensor.Index}");
}
