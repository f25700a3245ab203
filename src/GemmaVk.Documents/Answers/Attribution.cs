using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Documents.Index;

namespace GemmaVk.Documents.Answers;

/// <summary>
/// Says of a sentence of an answer which passage it came from, by what it shares with each; the model is not asked, so the same answer is always attributed alike.
/// <para>
/// Words of the sentence weigh by how rare they are among the passages; those of the question weigh a quarter, because an answer that repeats them proves nothing.
/// <c>score = weight of its words that the passage has / weight of all its words</c>. The passage with the highest score is its source where that is at least
/// <see cref="Least"/> and the passage has every number of the sentence; else the sentence is the model's own.
/// </para>
/// <para>
/// It compares words, and knows no meaning: a sentence that says the opposite in the same words is attributed, one in other words or another language is not.
/// </para>
/// </summary>
public sealed class Attribution
{
    /// <summary>The least share of a sentence's weight that its passage must have.</summary>
    public const double Least = 0.6;

    private const double QuestionShare = 0.25;
    private const int StemLetters = 6;
    private const int ShortWord = 3;

    private readonly IReadOnlyList<Passage> _passages;
    private readonly HashSet<string>[] _words;
    private readonly HashSet<string> _question;
    private readonly Dictionary<string, int> _count = [];

    /// <param name="passages">What the model was given, in order.</param>
    /// <param name="question">What was asked.</param>
    public Attribution(IReadOnlyList<Passage> passages, string question)
    {
        ArgumentNullException.ThrowIfNull(passages);
        _passages = passages;
        _words = [.. passages.Select(passage => Stems($"{passage.Heading} {passage.Text}").ToHashSet())];
        _question = [.. Stems(question)];
        foreach (string word in _words.SelectMany(words => words))
        {
            _count[word] = _count.GetValueOrDefault(word) + 1;
        }
    }

    /// <summary>The source of a sentence.</summary>
    public CitedSentence Of(string sentence, int start = 0)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        string[] words = [.. Stems(WithoutMarks(sentence)).Distinct()];
        string[] numbers = [.. words.Where(IsNumber)];
        double all = words.Sum(Weight);
        (double best, int at) = (0, -1);
        for (int i = 0; i < _passages.Count && all > 0; i++)
        {
            double score = words.Where(_words[i].Contains).Sum(Weight) / all;
            if (score > best && numbers.All(_words[i].Contains))
            {
                (best, at) = (score, i);
            }
        }

        return new CitedSentence(sentence, start, best >= Least ? _passages[at] : null, best);
    }

    /// <summary>All sentences of an answer.</summary>
    public IReadOnlyList<CitedSentence> OfAnswer(string text) => [.. Sentences.Of(text).Select(each => Of(text[each.Start..each.End], each.Start))];

    // Marks that the model wrote itself are its claim, and no evidence.
    private string WithoutMarks(string sentence)
    {
        foreach (string mark in _passages.Select(passage => passage.Mark).Distinct())
        {
            sentence = sentence.Replace(mark, " ", StringComparison.Ordinal);
        }

        return sentence;
    }

    private double Weight(string word)
    {
        double rare = Math.Log(1 + ((_passages.Count + 1.0) / (1 + _count.GetValueOrDefault(word))));
        return rare * (IsNumber(word) ? 2 : word.Length <= ShortWord && char.IsAscii(word[0]) ? 0.2 : 1) * (_question.Contains(word) ? QuestionShare : 1);
    }

    private static bool IsNumber(string word) => char.IsDigit(word[0]);

    // The first letters stand for a word in all its endings.
    private static IEnumerable<string> Stems(string text) => SearchWords.Of(text).Select(word => IsNumber(word) || word.Length <= StemLetters ? word : word[..StemLetters]);
}
