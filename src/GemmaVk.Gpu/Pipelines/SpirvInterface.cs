using System.Collections.Generic;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>What a compute shader asks of its host, read from its SPIR-V.</summary>
/// <param name="Bindings">Storage buffers, sorted by number.</param>
/// <param name="PushBytes">Size of the push-constant block, 0 without one.</param>
/// <param name="PushMembers">Its members in order.</param>
/// <param name="Constants">Specialization constants, sorted by id.</param>
/// <param name="LocalSize">Workgroup size before specialization.</param>
/// <param name="LocalSizeIds">Specialization ids that override it per dimension, where there are any.</param>
/// <param name="Capabilities">SPIR-V capability numbers.</param>
/// <param name="MinorVersion">N of SPIR-V 1.N.</param>
internal sealed record SpirvInterface(
    IReadOnlyList<ShaderBinding> Bindings,
    int PushBytes,
    IReadOnlyList<PushMember> PushMembers,
    IReadOnlyList<SpecializationConstant> Constants,
    (uint X, uint Y, uint Z) LocalSize,
    (uint? X, uint? Y, uint? Z) LocalSizeIds,
    IReadOnlySet<uint> Capabilities,
    uint MinorVersion);

/// <summary>A storage buffer, or an array of <paramref name="Count"/> of them. Names are empty in stripped SPIR-V.</summary>
internal sealed record ShaderBinding(uint Set, uint Number, uint Count, string Name, bool ReadOnly, bool WriteOnly);

/// <summary>A push-constant member; offset and size in bytes.</summary>
internal sealed record PushMember(string Name, int Offset, int Size);

/// <summary>A specialization constant with its default as 32 bits (booleans as 0 or 1).</summary>
internal sealed record SpecializationConstant(uint Id, string Name, uint Default);
