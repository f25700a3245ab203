// Rotary position embedding by given angles. Spec and reference: src/GemmaVk.Kernels/Rope.cs
//
// Bindings        0 x [T, H, W] float, read    1 angles [T, W] float, read    2 y [T, H, W] float, written; may be x
// Push constants  T tokens, H heads, W head width
// Specialization  0 LocalSize: invocations of a workgroup, up to 256
// Mapping         an invocation owns one pair (i, i + W/2) of one head
// Dispatch        ceil(T * H * W/2 / LocalSize) workgroups, folded into y beyond 65535
// Assumptions     W is even
// Why             pairs are independent; a pair is read before it is written, so y may be x
#version 450
#extension GL_GOOGLE_include_directive : require
#include "types.glsl"
layout(local_size_x_id = 0) in;
#include "indexing.glsl"

layout(set = 0, binding = 0, std430) readonly buffer X { float x[]; };
layout(set = 0, binding = 1, std430) readonly buffer Angles { float angles[]; };
layout(set = 0, binding = 2, std430) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint T; uint H; uint W; };

void main()
{
    uint half_ = W / 2u;
    for (uint pair = invocation_index(); pair < T * H * half_; pair += invocation_count())
    {
        // 1 Token, head and place of the pair.
        uint i = pair % half_;
        uint row = (pair / half_) * W;
        uint t = pair / (half_ * H);

        // 2 Rotate by the token's angle.
        float a = x[row + i];
        float b = x[row + i + half_];
        float cosine = angles[t * W + i];
        float sine = angles[t * W + half_ + i];
        y[row + i] = a * cosine - b * sine;
        y[row + i + half_] = b * cosine + a * sine;
    }
}
