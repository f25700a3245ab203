// Post-norm, residual, layer scalar and the next norm. Spec and reference: src/GemmaVk.Kernels/AddRmsNorm.cs
//
// Bindings        0 x [T, D] float, read and written    1 y [T, D] float, read    2 postWeight [D] float, read
//                 3 nextWeight [D] float, read    4 a [T, D] float, written; may be y
// Push constants  T rows, D columns, Eps, LayerScale
// Specialization  0 LocalSize: invocations of a workgroup, up to 256    1 Held: vectors of four columns that an invocation holds, or 0
// Mapping         a workgroup owns one row; an invocation every LocalSize-th vector of four columns, or with Held 0 every LocalSize-th column
// Dispatch        T workgroups, folded into y beyond 65535
// Assumptions     none on T and D with Held 0; else D is a multiple of 4, and at most LocalSize * Held * 4
// Why             two norms and a sum in one dispatch: four launches and three trips through memory become one. A row in registers waits for memory once
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#define HELD_ID 1
#define NORMED_ACCESS writeonly
#include "add_rms_norm.glsl"

void main()
{
    uint t = group_index();
    if (t >= T) return;
    if (Held == 0u)
    {
        add_rms_norm_wide(t);
        return;
    }

    vec4 normed[HELD];
    add_rms_norm_held(t, normed);
}
