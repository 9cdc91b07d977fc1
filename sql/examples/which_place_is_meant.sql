-- zh: 一个地名指哪些行政区划？（重名、旧名都列出）
-- en: Which divisions does a name mean, namesakes and former ones included?
SELECT division_code, region_path_text, division_level_code, valid_from_year, valid_to_year
FROM mart.find_place('鼓楼区')
ORDER BY division_code
