using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Documents.Tests.Made;

/// <summary>Passages in the words that the small model knows. In each document every name has its code in one passage, and other passages name it more often.</summary>
internal static class PebbleWorld
{
    private const int Empty = 16;

    private static readonly string[] Names = ["Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivan", "Kim", "Mia", "Noah", "Oli", "Pia"];
    private static readonly string[] Things = ["bell", "book", "boat", "coin", "drum", "key", "kite", "lamp", "map", "stone"];
    private static readonly string[] Places = ["beach", "castle", "forest", "garden", "hill", "market", "river", "village"];

    /// <summary>Questions of one document.</summary>
    public static int Questions => Names.Length;

    /// <summary>A document's passages, and for each question the passage that answers it.</summary>
    public static (Passage[] Passages, (string Question, int Right)[] Questions) Of(int seed)
    {
        Random random = new(seed);
        string Name() => Names[random.Next(Names.Length)];
        string Sentence() => random.Next(3) switch
        {
            0 => $"{Name()} has a {Things[random.Next(Things.Length)]}.",
            1 => $"{Name()} likes the {Places[random.Next(Places.Length)]}.",
            _ => $"The {Things[random.Next(Things.Length)]} is in the {Places[random.Next(Places.Length)]}.",
        };
        List<Passage> passages = [];
        List<(string, int)> questions = [];
        int[] order = [.. Enumerable.Range(0, Names.Length + Empty)];
        random.Shuffle(order);
        for (int i = 0; i < order.Length; i++)
        {
            List<string> sentences = [.. Enumerable.Range(0, 9).Select(_ => Sentence())];
            if (order[i] < Names.Length)
            {
                string name = Names[order[i]];
                sentences[random.Next(sentences.Count)] = $"The code of {name} is {random.Next(1000):000}.";
                questions.Add(($"What is the code of {name}?", i));
            }

            passages.Add(new Passage("world.txt", i + 1, "", $"Read this. {string.Join(' ', sentences)}"));
        }

        return ([.. passages], [.. questions]);
    }
}
