using System;
using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Documents.Tests.Made;

/// <summary>Short reports on firms that share names, trades and towns; questions ask in other words than the reports use.</summary>
internal static class FirmFacts
{
    private static readonly string[] Families = ["Halvorsen", "Lindqvist", "Moreau", "Okafor", "Petrov", "Tanaka"];
    private static readonly (string Trade, string Place)[] Trades = [("bakery", "oven"), ("shipyard", "slipway"), ("printing house", "press"), ("brewery", "kettle"), ("tannery", "vat")];
    private static readonly string[] Towns = ["Bergen", "Lyon", "Kano", "Osaka", "Perm", "Malmo", "Cork"];
    private static readonly string[] People = ["Ada", "Bruno", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas"];

    /// <summary>All passages, and questions with the passage that answers each.</summary>
    public static (Passage[] Passages, (string Question, int Right)[] Questions) Of(int seed)
    {
        Random random = new(seed);
        List<Passage> passages = [];
        List<(string, int)> questions = [];
        foreach (string family in Families)
        {
            foreach ((string trade, string place) in Trades)
            {
                foreach (string town in Towns)
                {
                    string neighbour = $"{Families[random.Next(Families.Length)]} {Trades[random.Next(Trades.Length)].Trade} of {Towns[random.Next(Towns.Length)]}";
                    string chief = $"{People[random.Next(People.Length)]} {Families[random.Next(Families.Length)]}";
                    passages.Add(new Passage("firms.txt", passages.Count + 1, "",
                        $"The {trade} that the {family} family opened in {town} in {1850 + random.Next(150)} has {20 + random.Next(900)} workers and is led by {chief}. Its largest {place} was bought from the {neighbour}, with which it shares a warehouse."));
                    questions.Add((random.Next(3) switch
                    {
                        0 => $"Who is the boss of the {family} {trade} in {town}?",
                        1 => $"How many people does the {family} {trade} of {town} employ?",
                        _ => $"When was the {town} {trade} of the {family} family founded?",
                    }, passages.Count - 1));
                }
            }
        }

        return ([.. passages], [.. questions]);
    }
}
