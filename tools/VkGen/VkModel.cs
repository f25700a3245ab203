using System.Collections.Immutable;
using System.Linq;

namespace GemmaVk.VkGen;

/// <summary>Everything the printer needs: the allow-listed commands and the closure of the types they reach.</summary>
internal sealed record VkModel(
    string RegistryVersion,
    ImmutableArray<VkConstant> Constants,
    ImmutableArray<string> ExtensionNames,
    ImmutableArray<VkHandle> Handles,
    ImmutableArray<VkEnum> Enums,
    ImmutableArray<VkStruct> Structs,
    ImmutableArray<VkCommand> Commands);

/// <summary>A C# type as the printer writes it.</summary>
/// <param name="Name">Name without pointer stars, e.g. <c>uint</c> or <c>VkBuffer</c>; a whole <c>delegate*</c> for callbacks.</param>
/// <param name="Pointers">Number of pointer levels.</param>
/// <param name="Length">Elements of a fixed array, or 0.</param>
internal sealed record VkTypeRef(string Name, int Pointers, int Length)
{
    public string Scalar => Name + new string('*', Pointers);
}

internal sealed record VkConstant(string Name, string Type, string Literal);

internal sealed record VkHandle(string Name, bool Dispatchable);

/// <summary>One enum member; <paramref name="Source"/> is the C name it was shortened from.</summary>
internal sealed record VkEnumMember(string Name, string Literal, string Source);

internal sealed record VkEnum(string Name, string Underlying, bool Flags, ImmutableArray<VkEnumMember> Members);

internal sealed record VkMember(string Name, VkTypeRef Type);

/// <summary>A struct or union; <paramref name="StructureType"/> is the member of VkStructureType it must carry, or null.</summary>
internal sealed record VkStruct(string Name, bool Union, string? StructureType, ImmutableArray<VkMember> Members);

/// <summary>Which table a command is looked up in.</summary>
internal enum VkLevel
{
    Global,
    Instance,
    Device,
}

internal sealed record VkCommand(string Name, VkLevel Level, VkTypeRef Result, ImmutableArray<VkMember> Parameters)
{
    /// <summary>The C# function pointer type of this command.</summary>
    public string Pointer
    {
        get
        {
            string types = string.Concat(Parameters.Select(p => p.Type.Scalar + ", "));
            return $"delegate* unmanaged<{types}{Result.Scalar}>";
        }
    }
}
