using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Text;
using GemmaVk.Fuzz.Mutations;
using GemmaVk.Tensors;
using Xunit;

namespace GemmaVk.Fuzz.Tests;

/// <summary>The program finds what it is there to find: parsers that are wrong on purpose.</summary>
public sealed class JudgeTests
{
    [Fact]
    public void A_library_s_exception_is_found_and_made_small()
    {
        IReadOnlyList<Finding> findings = Run(Throwing);
        Finding finding = Assert.Single(findings);
        Assert.StartsWith("InvalidOperationException in ", finding.Kind, StringComparison.Ordinal);
        Assert.Equal("!"u8.ToArray(), finding.Input);
    }

    [Fact]
    public void More_memory_than_the_input_is_worth_is_found() =>
        Assert.Equal("allocation", Assert.Single(Run(input => input.Length > 3 && new byte[64 << 20].Length > 0)).Kind);

    [Fact]
    public void A_clear_refusal_is_none() => Assert.Empty(Run(_ => throw new GemmaVkException("no")));

    // Findings are told apart by the method that threw: were this inlined after a while, there would be two.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Throwing(byte[] input) => input.AsSpan().IndexOf((byte)'!') < 0 ? true : throw new InvalidOperationException("inside");

    private static IReadOnlyList<Finding> Run(Func<byte[], bool> parse) =>
        new FuzzRun(() => new Wrong(parse), seed: 1, TimeSpan.FromSeconds(1), threads: 1, least: 5000).Run();

    private sealed class Wrong(Func<byte[], bool> parse) : Target
    {
        public override string Name => "wrong";

        public override string Reads => "nothing";

        public override IMutation Structure { get; } = new JsonMutation();

        public override IEnumerable<byte[]> Seeds() => [Encoding.UTF8.GetBytes("{\"a\":[1,2,\"!\"],\"b\":{\"c\":null}}")[..10]];

        public override bool Parse(byte[] input) => parse(input);

        public override Target Another() => new Wrong(parse);
    }
}
