"""Comments and strings beyond ASCII around a model that exports. 🚀 模型"""

import torch
from torch import nn

标签 = ["猫", "狗", "🐠"]


class 分类器(nn.Module):
    """分类 🐱 vs 🐶"""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, len(标签))  # 每个标签一个输出 ✅

    def forward(self, x):
        """前向 ➡️"""; 结果 = {"得分 🎯": self.fc(x)}  # 🧮 计算
        return 结果


model = 分类器
example_args = (torch.randn(2, 8),)
