// Head norm, then rotary embedding. Spec and reference: src/GemmaVk.Kernels/RmsNormRope.cs
//
// Bindings        0 x [T, H, W] float, read    1 w [W] float, read    2 angles [T, W] float, read
//                 3 y [T, H, W] float, written; may be x
// Push constants  T tokens, H heads, W head width, Eps
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         a subgroup owns one head of one token, a lane every SubgroupSize-th pair (i, i + W/2)
// Dispatch        ceil(T * H / subgroups per workgroup) workgroups; a subgroup strides on, so any size is right
// Assumptions     W is even; LocalSize is a multiple of the subgroup size
// Why             a head is 64 to 512 wide: one subgroup needs no barrier, and the pair stays in the lane that normed it
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) readonly buffer X { float x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Weight { float w[]; };
layout(set = 0, binding = 2, std430) readonly buffer Angles { float angles[]; };
layout(set = 0, binding = 3, std430) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint T; uint H; uint W; float Eps; };

void main()
{
    uint half_ = W / 2u;
    uint stride = gl_NumWorkGroups.x * gl_NumWorkGroups.y * gl_NumSubgroups;
    for (uint r = group_index() * gl_NumSubgroups + gl_SubgroupID; r < T * H; r += stride)
    {
        // 1 Sum of squares of the head.
        uint row = r * W;
        float sum = 0.0;
        for (uint i = gl_SubgroupInvocationID; i < W; i += gl_SubgroupSize) sum = fma(x[row + i], x[row + i], sum);
        float inverse = 1.0 / sqrt(subgroupAdd(sum) / float(W) + Eps);

        // 2 Norm and rotate pair by pair. The sum above needed every lane's reads, and a lane re-reads only the pairs
        //   that it alone writes, so y may be x.
        uint t = r / H;
        for (uint i = gl_SubgroupInvocationID; i < half_; i += gl_SubgroupSize)
        {
            float a = x[row + i] * inverse * w[i];
            float b = x[row + i + half_] * inverse * w[i + half_];
            float cosine = angles[t * W + i];
            float sine = angles[t * W + half_ + i];
            y[row + i] = a * cosine - b * sine;
            y[row + i + half_] = b * cosine + a * sine;
        }
    }
}
