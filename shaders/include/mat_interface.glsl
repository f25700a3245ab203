// What all bodies of MatVec and MatMul begin with: tiles of Rows x Cols, push constants, and where results go. mat_rows.glsl says what they are.
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint Rows = 1;
layout(constant_id = 2) const uint Cols = 1;
layout(push_constant) uniform Push { uint N; uint K; uint T; uint First; uint OutStride; uint OutFirst; };
layout(set = 0, binding = 5, std430) writeonly buffer Y { float y[]; };
