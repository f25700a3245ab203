// Reads a buffer as fast as the device can: the yardstick that kernels are measured by. Not a kernel of the model.
//
// Bindings        0 source [Vectors] uvec4, read    1 sink [LocalSize * workgroups] uint, written
// Push constants  Vectors: 16-byte words to read
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation reads every n-th word and writes one exclusive or of all
// Dispatch        any number of workgroups
// Assumptions     none
// Why             the sink keeps the compiler from dropping the reads; four words per step keep several in flight
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) readonly buffer Source { uvec4 source[]; };
layout(set = 0, binding = 1, std430) writeonly buffer Sink { uint sink[]; };
layout(push_constant) uniform Push { uint Vectors; };

void main()
{
    uint stride = invocation_count();
    uvec4 all = uvec4(0u);
    // Whole rounds need no test per word; what is left does.
    uint whole = Vectors / (4u * stride) * (4u * stride);
    for (uint i = invocation_index(); i < whole; i += 4u * stride)
    {
        all ^= source[i] ^ source[i + stride] ^ source[i + 2u * stride] ^ source[i + 3u * stride];
    }

    for (uint i = whole + invocation_index(); i < Vectors; i += stride)
    {
        all ^= source[i];
    }

    sink[invocation_index()] = all.x ^ all.y ^ all.z ^ all.w;
}
