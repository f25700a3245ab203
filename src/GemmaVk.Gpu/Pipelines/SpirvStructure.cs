using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>
/// Whether a module is whole: of a known version, with functions and blocks that end, and a compute shader to start at. A driver believes what it is
/// given, and one that is given half a module takes the process with it. Numbers are those of the SPIR-V specification.
/// </summary>
internal static class SpirvStructure
{
    private const uint Magic = 0x07230203;
    private const int HeaderWords = 5;
    private const uint MaxIds = 1 << 20;
    private const uint NewestMinor = 6;
    private const uint GLCompute = 5;
    private const string Entry = "main";

    private enum Op : uint
    {
        EntryPoint = 15, Function = 54, FunctionEnd = 56, Label = 248,
        Branch = 249, BranchConditional = 250, Switch = 251, Kill = 252, Return = 253, ReturnValue = 254, Unreachable = 255, TerminateInvocation = 4416,
    }

    /// <summary>Walks all instructions once.</summary>
    /// <exception cref="ArgumentException">The module is not whole: the message says where or why.</exception>
    public static void Check(ReadOnlySpan<uint> words)
    {
        if (words.Length > 0 && BinaryPrimitives.ReverseEndianness(words[0]) == Magic)
            throw new ArgumentException("its bytes are in the other order, the largest of a word first");
        if (words.Length < HeaderWords || words[0] != Magic || words[3] is 0 or > MaxIds)
            throw new ArgumentException("no SPIR-V header");
        (uint major, uint minor) = (words[1] >> 16 & 0xFF, words[1] >> 8 & 0xFF);
        if (major != 1 || minor > NewestMinor || (words[1] & 0xFF0000FF) != 0)
            throw new ArgumentException($"its version is {major}.{minor}, and those from 1.0 to 1.{NewestMinor} are known");

        Walk walk = new(words[3]);
        for (int at = HeaderWords; at < words.Length;)
        {
            int length = (int)(words[at] >> 16);
            if (length == 0 || at + length > words.Length)
                throw new ArgumentException($"instruction at word {at} runs past the end");
            walk.Take(at, words[at] & 0xFFFF, words.Slice(at + 1, length - 1));
            at += length;
        }

        walk.End();
    }

    private sealed class Walk(uint bound)
    {
        private readonly HashSet<uint> bodies = [];
        private readonly List<(uint Model, uint Function, string Name)> entries = [];
        private uint function;
        private bool inBlock;

        public void Take(int at, uint op, ReadOnlySpan<uint> w)
        {
            switch ((Op)op)
            {
                case Op.EntryPoint:
                    ReadOnlySpan<byte> name = MemoryMarshal.AsBytes(w[2..]);
                    int end = name.IndexOf((byte)0);
                    entries.Add((w[0], w[1], Encoding.UTF8.GetString(end < 0 ? name : name[..end])));
                    break;
                case Op.Function:
                    Require(function == 0 && Known(w[1]), at, "begins a function within another");
                    function = w[1];
                    break;
                case Op.FunctionEnd:
                    Require(function != 0 && !inBlock, at, "ends a function that is not there, or whose last block goes on");
                    function = 0;
                    break;
                case Op.Label:
                    Require(function != 0 && !inBlock && Known(w[0]), at, "begins a block outside of a function or within another");
                    bodies.Add(function);
                    inBlock = true;
                    break;
                case Op.Branch or Op.BranchConditional or Op.Switch or Op.Kill or Op.Return or Op.ReturnValue or Op.Unreachable or Op.TerminateInvocation:
                    Require(inBlock, at, "ends a block that is not there");
                    inBlock = false;
                    break;
            }
        }

        public void End()
        {
            if (function != 0)
                throw new ArgumentException("it ends within a function");
            if (!entries.Exists(entry => entry.Model == GLCompute && entry.Name == Entry && bodies.Contains(entry.Function)))
                throw new ArgumentException($"there is no compute shader '{Entry}' in it to start at");
        }

        private bool Known(uint id) => id != 0 && id < bound ? true : throw new ArgumentException($"id {id} is not below {bound}, which its header gives");

        private static void Require(bool holds, int at, string what)
        {
            if (!holds)
                throw new ArgumentException($"instruction at word {at} {what}");
        }
    }
}
