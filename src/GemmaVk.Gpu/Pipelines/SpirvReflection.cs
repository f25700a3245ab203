using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>Walks a SPIR-V module once and collects its interface. Numbers are those of the SPIR-V specification, "Binary Form".</summary>
internal sealed class SpirvReflection
{
    private const int HeaderWords = 5;

    private readonly Dictionary<uint, uint[]> types = [];
    private readonly Dictionary<uint, Op> typeOps = [];
    private readonly Dictionary<uint, uint> constants = [];
    private readonly Dictionary<uint, uint[]> composites = [];
    private readonly Dictionary<uint, string> names = [];
    private readonly Dictionary<(uint Struct, uint Member), string> memberNames = [];
    private readonly Dictionary<(uint Id, Decoration Kind), uint> decorations = [];
    private readonly Dictionary<(uint Struct, uint Member, Decoration Kind), uint> memberDecorations = [];
    private readonly List<(uint Id, uint Type, Storage Storage)> variables = [];
    private readonly List<uint> specialized = [];
    private readonly HashSet<uint> capabilities = [];
    private uint[] localSize = [1, 1, 1];
    private uint[]? localSizeIds;

    private enum Op : uint
    {
        Name = 5, MemberName = 6, ExecutionMode = 16, Capability = 17,
        TypeBool = 20, TypeInt = 21, TypeFloat = 22, TypeVector = 23, TypeArray = 28, TypeRuntimeArray = 29, TypeStruct = 30, TypePointer = 32,
        Constant = 43, ConstantComposite = 44, SpecConstantTrue = 48, SpecConstantFalse = 49, SpecConstant = 50, SpecConstantComposite = 51,
        Variable = 59, Decorate = 71, MemberDecorate = 72, ExecutionModeId = 331,
    }

    private enum Decoration : uint
    {
        SpecId = 1, ArrayStride = 6, BuiltIn = 11, NonWritable = 24, NonReadable = 25, Binding = 33, DescriptorSet = 34, Offset = 35,
    }

    private enum Storage : uint
    {
        Uniform = 2, PushConstant = 9, StorageBuffer = 12,
    }

    /// <summary>The interface of <paramref name="words"/>; <paramref name="name"/> is for messages.</summary>
    /// <exception cref="InvalidDataException">These words are no SPIR-V module, or use something the kernels' host cannot bind.</exception>
    public static SpirvInterface Read(string name, ReadOnlySpan<uint> words)
    {
        try
        {
            SpirvStructure.Check(words);
            SpirvReflection module = new();
            module.Walk(words);
            return module.Collect(words[1] >> 8 & 0xFF);
        }
        catch (Exception e) when (e is KeyNotFoundException or IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"{name}: not a well-formed SPIR-V module ({e.Message})", e);
        }
    }

    private void Walk(ReadOnlySpan<uint> words)
    {
        for (int at = HeaderWords; at < words.Length;)
        {
            int length = (int)(words[at] >> 16);
            Take((Op)(words[at] & 0xFFFF), words.Slice(at + 1, length - 1));
            at += length;
        }
    }

    private void Take(Op op, ReadOnlySpan<uint> w)
    {
        switch (op)
        {
            case Op.Capability: capabilities.Add(w[0]); break;
            case Op.Name: names[w[0]] = Text(w[1..]); break;
            case Op.MemberName: memberNames[(w[0], w[1])] = Text(w[2..]); break;
            case Op.Decorate: decorations[(w[0], (Decoration)w[1])] = w.Length > 2 ? w[2] : 1; break;
            case Op.MemberDecorate: memberDecorations[(w[0], w[1], (Decoration)w[2])] = w.Length > 3 ? w[3] : 1; break;
            case Op.ExecutionMode when w[1] == 17: localSize = w.Slice(2, 3).ToArray(); break;
            case Op.ExecutionModeId when w[1] == 38: localSizeIds = w.Slice(2, 3).ToArray(); break;
            case Op.TypeBool or Op.TypeInt or Op.TypeFloat or Op.TypeVector or Op.TypeArray or Op.TypeRuntimeArray or Op.TypeStruct or Op.TypePointer:
                types[w[0]] = w[1..].ToArray();
                typeOps[w[0]] = op;
                break;
            case Op.Constant: constants[w[1]] = w[2]; break;
            case Op.ConstantComposite or Op.SpecConstantComposite: composites[w[1]] = w[2..].ToArray(); break;
            case Op.SpecConstantTrue or Op.SpecConstantFalse or Op.SpecConstant:
                constants[w[1]] = op == Op.SpecConstant ? w[2] : op == Op.SpecConstantTrue ? 1u : 0u;
                specialized.Add(w[1]);
                break;
            case Op.Variable: variables.Add((w[1], w[0], (Storage)w[2])); break;
        }
    }

    private static string Text(ReadOnlySpan<uint> w)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(w);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private SpirvInterface Collect(uint minorVersion)
    {
        // A built-in constant WorkgroupSize wins over the execution mode (SPIR-V before 1.6 writes local_size_x_id so).
        foreach ((uint id, uint[] parts) in composites)
        {
            const uint workgroupSize = 25;
            if (decorations.TryGetValue((id, Decoration.BuiltIn), out uint builtIn) && builtIn == workgroupSize)
                localSizeIds = parts;
        }

        uint?[] sizeIds = [null, null, null];
        for (int i = 0; localSizeIds is not null && i < 3; i++)
        {
            localSize[i] = constants[localSizeIds[i]];
            sizeIds[i] = decorations.TryGetValue((localSizeIds[i], Decoration.SpecId), out uint id) ? id : null;
        }

        uint push = variables.Where(v => v.Storage == Storage.PushConstant).Select(v => Pointee(v.Type)).FirstOrDefault();
        return new SpirvInterface(
            [.. variables.Where(v => v.Storage is Storage.StorageBuffer or Storage.Uniform).Select(Binding).OrderBy(b => b.Number)],
            push == 0 ? 0 : Size(push),
            push == 0 ? [] : [.. types[push].Select((type, i) => new PushMember(MemberName(push, i), Offset(push, i), Size(type)))],
            [.. specialized.Where(c => decorations.ContainsKey((c, Decoration.SpecId))).Select(Constant).OrderBy(c => c.Id)],
            (localSize[0], localSize[1], localSize[2]),
            (sizeIds[0], sizeIds[1], sizeIds[2]),
            capabilities,
            minorVersion);
    }

    private SpecializationConstant Constant(uint id) => new(decorations[(id, Decoration.SpecId)], names.GetValueOrDefault(id, ""), constants[id]);

    private ShaderBinding Binding((uint Id, uint Type, Storage Storage) variable)
    {
        uint block = Pointee(variable.Type);
        uint count = 1;
        if (typeOps[block] == Op.TypeArray)
            (block, count) = (types[block][0], constants[types[block][1]]);
        string name = names.GetValueOrDefault(variable.Id, "");
        return new ShaderBinding(
            decorations.GetValueOrDefault((variable.Id, Decoration.DescriptorSet)),
            decorations[(variable.Id, Decoration.Binding)],
            count,
            name.Length > 0 ? name : names.GetValueOrDefault(block, ""),
            Marked(variable.Id, block, Decoration.NonWritable),
            Marked(variable.Id, block, Decoration.NonReadable));
    }

    // "readonly buffer" decorates either the variable or every member of its block.
    private bool Marked(uint variable, uint block, Decoration kind) =>
        decorations.ContainsKey((variable, kind))
        || (typeOps[block] == Op.TypeStruct && types[block].Length > 0
            && Enumerable.Range(0, types[block].Length).All(m => memberDecorations.ContainsKey((block, (uint)m, kind))));

    private uint Pointee(uint pointer) => types[pointer][1];

    private string MemberName(uint type, int member) => memberNames.GetValueOrDefault((type, (uint)member), "");

    private int Offset(uint type, int member) => checked((int)memberDecorations[(type, (uint)member, Decoration.Offset)]);

    // Recursion ends: SPIR-V declares a type before its use, and a member that refers to a later one is caught as depth.
    private int Size(uint type, int depth = 0)
    {
        const int maxDepth = 16;
        if (depth > maxDepth)
            throw new ArgumentException("types are nested too deeply");
        uint[] t = types[type];
        return typeOps[type] switch
        {
            Op.TypeBool => 4,
            Op.TypeInt or Op.TypeFloat => checked((int)t[0]) / 8,
            Op.TypeVector => checked(Size(t[0], depth + 1) * (int)t[1]),
            Op.TypeArray => checked((int)(constants[t[1]] * decorations[(type, Decoration.ArrayStride)])),
            Op.TypeStruct => t.Length == 0 ? 0 : t.Select((member, i) => checked(Offset(type, i) + Size(member, depth + 1))).Max(),
            _ => throw new ArgumentException("a push constant of an unexpected type"),
        };
    }
}
