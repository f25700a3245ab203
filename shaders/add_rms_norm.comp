// Post-norm, residual, layer scalar and the next norm. Spec and reference: src/GemmaVk.Kernels/AddRmsNorm.cs
//
// Bindings        0 x [T, D] float, read and written    1 y [T, D] float, read    2 postWeight [D] float, read
//                 3 nextWeight [D] float, read    4 a [T, D] float, written; may be y
// Push constants  T rows, D columns, Eps, LayerScale
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         a workgroup owns one row, an invocation every LocalSize-th column
// Dispatch        T workgroups, folded into y beyond 65535
// Assumptions     none on T and D
// Why             two norms and a sum in one dispatch: four launches and three trips through memory become one
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#define NORMED_ACCESS writeonly
#include "add_rms_norm.glsl"

void main()
{
    uint t = group_index();
    if (t < T) add_rms_norm(t);
}
