using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Spending;

/// <summary>
/// What was spent, a line each in a file that programs of one user share. The most that a request can cost is written before it is sent, and what it did
/// cost after: a program that is killed in between has spent the most.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="clock">Tells the time.</param>
public sealed class Ledger(string path, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What was spent in the limit's time.</summary>
    /// <exception cref="GemmaVkException">The file cannot be read: what is not known counts as too much.</exception>
    public decimal Spent(SpendingLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return File.Exists(path) ? With(file => Sum(file, limit)) : 0;
    }

    /// <summary>Writes down the most that a request can cost.</summary>
    /// <returns>What is given to <see cref="Settle"/>.</returns>
    /// <exception cref="GemmaVkException">It would go beyond the limit, or cannot be written.</exception>
    public string Reserve(SpendingLimit? limit, string endpoint, decimal most) => With(file =>
    {
        if (limit is not null && Sum(file, limit) is var spent && spent + most > limit.Amount)
        {
            throw new GemmaVkException(
                $"spending: expected at most {limit.Shown(limit.Amount)} {limit.Time}, but {limit.Shown(spent)} are spent and this could cost {limit.Shown(most)}; nothing was sent. Wait, ask with less text, or raise the limit.");
        }

        string id = Guid.NewGuid().ToString("N");
        Write(file, id, endpoint, most, 0, 0);
        return id;
    });

    /// <summary>Writes down what a request did cost.</summary>
    public void Settle(string id, string endpoint, decimal cost, long inputTokens, long outputTokens) => With(file =>
    {
        Write(file, id, endpoint, cost, inputTokens, outputTokens);
        return true;
    });

    private decimal Sum(FileStream file, SpendingLimit limit)
    {
        Dictionary<string, decimal> costs = [];
        file.Position = 0;
        using StreamReader reader = new(file, Encoding.UTF8, leaveOpen: true);
        for (string? line; (line = reader.ReadLine()) is not null;)
        {
            if (line.Length == 0)
            {
                continue;
            }

            try
            {
                JsonElement entry = JsonElement.Parse(line);
                if (limit.Counts(entry.GetProperty("time").GetDateTimeOffset(), clock.GetUtcNow()))
                {
                    costs[entry.GetProperty("id").GetString()!] = entry.GetProperty("cost").GetDecimal();
                }
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new GemmaVkException($"{path}: expected what was spent, a JSON object in each line, but a line is none; nothing was sent. Correct it, or move it away.", e);
            }
        }

        decimal sum = 0;
        foreach (decimal cost in costs.Values)
        {
            sum += cost;
        }

        return sum;
    }

    private void Write(FileStream file, string id, string endpoint, decimal cost, long input, long output)
    {
        file.Seek(0, SeekOrigin.End);
        using (Utf8JsonWriter json = new(file))
        {
            json.WriteStartObject();
            json.WriteString("time", clock.GetUtcNow());
            json.WriteString("id", id);
            json.WriteString("endpoint", endpoint);
            json.WriteNumber("cost", cost);
            json.WriteNumber("input_tokens", input);
            json.WriteNumber("output_tokens", output);
            json.WriteEndObject();
        }

        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }

    private T With<T>(Func<FileStream, T> act)
    {
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                using FileStream file = UserFolders.Open(path, FileMode.OpenOrCreate);
                return act(file);
            }
            catch (IOException) when (Environment.TickCount64 < end && File.Exists(path))
            {
                // Another program writes into it.
                Thread.Sleep(20);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new GemmaVkException($"{path}: expected to write down what is spent, but {Complaint.Of(e)} Nothing was sent; check the folder.", e);
            }
        }
    }
}
