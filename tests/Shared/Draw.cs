using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace GemmaVk.Shared;

/// <summary>Ways to draw a value, each with what is simpler than it: FsCheck tries that when a property fails.</summary>
internal static class Draw
{
    /// <summary>One of some values; those named before it are simpler.</summary>
    public static Arbitrary<T> OneOf<T>(params T[] values) =>
        Arb.From(Gen.Elements(values), value => values.TakeWhile(other => !Equals(other, value)));

    /// <summary>A whole number; those nearer to <paramref name="low"/> are simpler.</summary>
    public static Arbitrary<int> Between(int low, int high) => Arb.From(Gen.Choose(low, high), value => Nearer(low, value));

    /// <summary>Values on the way from a bound, the bound first.</summary>
    public static IEnumerable<int> Nearer(int bound, int value)
    {
        for (int way = value - bound; way != 0; way /= 2)
        {
            yield return value - way;
        }
    }

    /// <summary>A list; one that lacks an element, or has a simpler one, is simpler.</summary>
    public static Arbitrary<T[]> List<T>(int least, int most, Arbitrary<T> element) => Arb.From(
        Gen.Choose(least, most).SelectMany(count => Gen.ArrayOf(element.Generator, count)),
        list => Fewer(list, least).Concat(
            list.SelectMany((value, at) => element.Shrinker(value).Select(simpler => (T[])[.. list[..at], simpler, .. list[(at + 1)..]]))));

    /// <summary>A list without one of its elements, unless it would get too short.</summary>
    private static IEnumerable<T[]> Fewer<T>(T[] list, int least) =>
        list.Length > least ? list.Select((_, at) => (T[])[.. list[..at], .. list[(at + 1)..]]) : [];
}
