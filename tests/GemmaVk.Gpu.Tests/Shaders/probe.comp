#version 450
// A shader for tests of reflection and recording: result[i] = (first[i] + second[i]) * factor + offset.
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint factor = 3;
layout(constant_id = 2) const bool negate = false;
layout(push_constant) uniform Push { uint count; float scale; uvec4 spare; uint more[3]; uint offset; } push;
layout(set = 0, binding = 0, std430) readonly buffer First { uint first[]; };
layout(set = 0, binding = 1, std430) buffer Second { uint second[]; };
layout(set = 0, binding = 4, std430) writeonly buffer Result { uint result[]; };
void main() {
    uint i = gl_GlobalInvocationID.x + gl_GlobalInvocationID.y * 65536u;
    if (i >= push.count)
        return;
    uint v = (first[i] + second[i]) * factor + push.offset;
    result[i] = negate ? ~v : v;
}
