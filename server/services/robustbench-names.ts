/** Architectures by the names that RobustBench has for them. */
export const robustBenchNames: Readonly<Record<string, string>> = {
  RESNET18: 'ResNet-18',
  RESNET34: 'ResNet-34',
  PREACT_RESNET18: 'PreActResNet-18',
  WRN28_10: 'WideResNet-28-10',
  WRN34_10: 'WideResNet-34-10',
  RESNET8: 'ResNet-8',
  SMALL_CNN: 'SmallCNN',
};
